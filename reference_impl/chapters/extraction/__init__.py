"""Finding chapters in text: pure, and no character is ever lost."""
