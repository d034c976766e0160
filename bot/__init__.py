"""What happens: conversations, delivery, pictures and the program itself."""
