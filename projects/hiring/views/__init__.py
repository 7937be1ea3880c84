"""Pages of hiring: the expert's and the lab's."""
