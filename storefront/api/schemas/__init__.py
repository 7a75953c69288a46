"""What requests may hold and answers do hold, as marshmallow checks and documents it."""
