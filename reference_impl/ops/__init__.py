"""What operators and a harness see: health, metrics and the control endpoints."""
