"""What proves that the stack works: in containers, deployed into an emulator of AWS, by checks of data and rights."""
