package dev.rekindle.engine;

/** How the memory of a snapshot comes back. */
public enum RestoreMode {
  /** All pages are copied before the function runs. */
  EAGER,
  /** Pages are copied when they are touched, and the rest in the background. */
  LAZY,
  /** Pages are shared with all other clones until they are written: nothing is copied ahead. */
  MAPPED
}
