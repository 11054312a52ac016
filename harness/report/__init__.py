"""Reports: pictures of runs and of scenarios, JUnit, the matrices, and the generated pages of the documentation."""
