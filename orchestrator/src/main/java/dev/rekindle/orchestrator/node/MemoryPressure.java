package dev.rekindle.orchestrator.node;

/**
 * What is known of this node's memory: whoever measures it writes it here, whoever starts instances
 * reads it. Lives on the event loop.
 */
public final class MemoryPressure {
  private boolean hostShort;
  private boolean standbyRoom = true;

  /** Whether the host has less memory to give than the configuration wants free. */
  public boolean isShort() {
    return hostShort;
  }

  /** Whether one more standby instance fits the node's budget. */
  public boolean hasRoomForStandby() {
    return standbyRoom;
  }

  /** A new reading. */
  public void update(boolean isHostShort, boolean hasStandbyRoom) {
    hostShort = isHostShort;
    standbyRoom = hasStandbyRoom;
  }
}
