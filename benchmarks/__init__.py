"""Speed, as ratios against a baseline measured in the same run: these figures mean something on a noisy machine."""
