//! Need: the conditions and problems that people get, how severe, and what they die of.
