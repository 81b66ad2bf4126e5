"""The pack that every run plays on a good and on a bad service before the layer is trusted."""
