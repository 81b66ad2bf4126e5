"""The five engines, one package each; no layer knows another."""
