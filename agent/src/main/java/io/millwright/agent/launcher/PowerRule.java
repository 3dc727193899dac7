package io.millwright.agent.launcher;

/** What the owner of this node says of its accelerators' power limits. */
public sealed interface PowerRule {

  /**
   * Millwright may set them.
   *
   * @param floorWatts the least that a device may be held to
   * @param changesPerHour how often the limit of one device may be changed
   * @param library NVML: a name that the loader finds, or an absolute path
   */
  record Owned(long floorWatts, int changesPerHour, String library) implements PowerRule {
    /** NVIDIA's own name. */
    public static final String LIBRARY = "libnvidia-ml.so.1";

    public static final int CHANGES_PER_HOUR = 6;
  }

  /** It may not, and why. */
  record NotOwned(String sentence) implements PowerRule {}
}
