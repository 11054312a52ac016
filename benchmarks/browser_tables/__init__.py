"""What a real Chromium does under faults, over both transports: docs/browser-tables.md."""
