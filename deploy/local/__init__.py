"""The launcher of one machine: embedded servers, their provider chain, the demonstration."""
