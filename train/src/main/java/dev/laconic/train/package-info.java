/** Training on DJL: models, optimisers, recipes and export of the house models. */
package dev.laconic.train;
