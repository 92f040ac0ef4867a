"""What the guard goes by: rates of bounces and complaints, lines that they may not reach, and what then becomes of a
stream."""
