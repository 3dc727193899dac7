package io.millwright.protocol.vocabulary.job;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A channel of NVIDIA's IMEX, by which processes of one run share the memory of their GPUs over
 * NVLink, also from node to node: whoever may open the device node of a number may import what
 * others of that number export.
 *
 * <p>Numbers are those of the driver's minor device numbers ({@code nv-reg.h}, {@code
 * NVreg_ImexChannelCount}: 2048 where nobody sets it). Channel 0 is never a run's: the driver makes
 * its node for everybody where a site wants that ({@code NVreg_CreateImexChannel0}).
 *
 * @param number from {@value #FIRST} to {@value #LAST}
 */
public record ImexChannel(int number) {
  public static final int FIRST = 1;
  public static final int LAST = 2047;

  public ImexChannel {
    Wording.between("channel", number, FIRST, LAST);
  }

  /** How many there are. */
  public static int count() {
    return LAST - FIRST + 1;
  }

  /** Each of them once, the n-th first, counted from any number. */
  public static IntStream from(long n) {
    return IntStream.range(0, count()).map(i -> FIRST + (int) Math.floorMod(n + i, (long) count()));
  }

  /** As the driver's documentation names its node, {@code channel17}. */
  public String node() {
    return "channel" + number;
  }

  /** That of which this is the node's name; empty where no run can have it. */
  public static Optional<ImexChannel> ofNode(String name) {
    return from(0)
        .mapToObj(ImexChannel::new)
        .filter(channel -> channel.node().equals(name))
        .findFirst();
  }
}
