"""What generates answers: the services, the contract that they keep, and what stands around them."""
