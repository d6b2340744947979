/** From an open model file to what architectures ask for: checked hyper-parameters and checked tensors. */
package dev.laconic.model.load;
