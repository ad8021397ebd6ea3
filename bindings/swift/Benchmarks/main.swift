// Placeholder while building.
print("benchmark")
