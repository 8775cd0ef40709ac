/**
 * Snapshot hooks under the name that AWS gives them on Lambda, where {@code org.crac} looks for
 * them too. Functions see these classes; the bootstrap runs what they register.
 */
@NullMarked
package com.amazonaws.services.lambda.crac;

import org.jspecify.annotations.NullMarked;
