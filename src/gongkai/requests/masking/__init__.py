"""Masking parts of a material: pages as pictures, boxes over what is held back, proof, and a second pair of eyes."""
