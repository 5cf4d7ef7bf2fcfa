"""Signs of GB/T 35649-2017 for drawing on the map 标绘: the table of codes and our own drawings of them."""
