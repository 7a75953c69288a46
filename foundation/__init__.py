"""What every floor stands on, without one business rule."""
