//! Tensors: layers, trainer, graph networks, embeddings and the baselines beside them.
