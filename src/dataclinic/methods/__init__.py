"""Published algorithms: arrays in, arrays out, paper cited."""
