/** Reader and writer of safetensors, the tensor files of Hugging Face, and of the folders they come in. */
package dev.laconic.format.safetensors;
