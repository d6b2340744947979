/**
 * Conversations as text: a model's chat template turns messages, tools and documents into the prompt the model was
 * trained on.
 */
package dev.laconic.model.chat;
