package dev.rekindle.warmers.jvm;

/** Something that all clones of a snapshot have in common and must not. */
interface Renewable {
  /** Makes it this clone's own. */
  void renew(Seeds seeds) throws ReflectiveOperationException;
}
