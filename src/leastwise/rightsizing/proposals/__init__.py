"""What is proposed to the owners of code: by which it is found again, what it says, and what is done about it."""
