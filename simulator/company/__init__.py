"""How the pretend organisation lives: its people, its teams' daily work, and the traces this leaves in the tools."""
