"""The Realtime API's messages (GA dialect) as small frozen types, and the codec between them and JSON."""
