/** Reader of the model and tokenizer files of llama2.c. */
package dev.laconic.format.llama2c;
