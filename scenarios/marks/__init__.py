"""What is drawn on the map by hand 标绘: signs of GB/T 35649 as versioned entries of the record."""
