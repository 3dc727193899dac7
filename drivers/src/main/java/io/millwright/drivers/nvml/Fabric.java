package io.millwright.drivers.nvml;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The fabric as the driver tells it: asked by the newest struct that it takes, which is remembered.
 * What was read lies at the start of the scratch area until the next call.
 */
final class Fabric {
  private static final int COMPLETED = 3;

  private Version version = Version.THIRD;

  /** How the driver is asked; each falls back to the one after it. */
  private enum Version {
    THIRD,
    SECOND,
    UNVERSIONED
  }

  /**
   * Which domain the device is a member of: those with one cluster and one clique reach each other.
   *
   * @param member whether it is registered
   * @param start the first eight bytes of the cluster's UUID as they lie in memory; all zero on a
   *     node of its own
   * @param end the others
   * @param clique its number within the cluster
   */
  record Membership(boolean member, long start, long end, int clique) {
    static final Membership NONE = new Membership(false, 0, 0, 0);

    /** The UUID in its usual form; empty where there is none. */
    String clusterUuid() {
      if (start == 0 && end == 0) {
        return "";
      }
      ByteBuffer bytes =
          ByteBuffer.allocate(NvmlLayout.FABRIC_CLUSTER_LENGTH).order(ByteOrder.nativeOrder());
      bytes.putLong(start).putLong(end).flip().order(ByteOrder.BIG_ENDIAN);
      return new UUID(bytes.getLong(), bytes.getLong()).toString();
    }

    /** The number as a label; empty where the device is no member. */
    String cliqueLabel() {
      return member ? Integer.toUnsignedString(clique) : "";
    }
  }

  /** Asks; what the driver refuses for its version is not asked again. */
  int ask(DeviceCalls calls) {
    int code = askOnce(calls);
    while (older(code) && version != Version.UNVERSIONED) {
      version = version == Version.THIRD ? Version.SECOND : Version.UNVERSIONED;
      code = askOnce(calls);
    }
    return code;
  }

  private static boolean older(int code) {
    return code == NvmlCode.ARGUMENT_VERSION_MISMATCH || code == NvmlCode.FUNCTION_NOT_FOUND;
  }

  private int askOnce(DeviceCalls calls) {
    long out = calls.out(0);
    return switch (version) {
      case THIRD -> {
        calls.block().putInt(DeviceCalls.OUT, NvmlLayout.FABRIC_V3_VERSION);
        yield calls.nvml().fabric(calls.device(), NvmlLayout.FABRIC_V3_VERSION, out);
      }
      case SECOND -> {
        calls.block().putInt(DeviceCalls.OUT, NvmlLayout.FABRIC_V2_VERSION);
        yield calls.nvml().fabric(calls.device(), NvmlLayout.FABRIC_V2_VERSION, out);
      }
      case UNVERSIONED -> calls.nvml().firstFabric(calls.device(), out);
    };
  }

  /** {@code nvmlGpuFabricState_t}. */
  int state(DeviceCalls calls) {
    int offset = unversioned() ? NvmlLayout.FIRST_FABRIC_STATE : NvmlLayout.FABRIC_STATE;
    return calls.block().getUnsignedByte(DeviceCalls.OUT + offset);
  }

  /** Whether the registration has ended, and badly. */
  boolean failed(DeviceCalls calls) {
    return state(calls) == COMPLETED && status(calls) != NvmlCode.SUCCESS;
  }

  /** Whether the device is a member of a domain. */
  boolean registered(DeviceCalls calls) {
    return state(calls) == COMPLETED && status(calls) == NvmlCode.SUCCESS;
  }

  /** How a registration that is completed went, as a return code of the library. */
  private int status(DeviceCalls calls) {
    int offset = unversioned() ? NvmlLayout.FIRST_FABRIC_STATUS : NvmlLayout.FABRIC_STATUS;
    return calls.block().getInt(DeviceCalls.OUT + offset);
  }

  /** Whether there is a mask of what is wrong; the first struct has none. */
  boolean hasHealth() {
    return !unversioned();
  }

  /** {@code healthMask}. */
  int health(DeviceCalls calls) {
    return calls.block().getInt(DeviceCalls.OUT + NvmlLayout.FABRIC_HEALTH);
  }

  /** What the driver says of the domain now. */
  Membership membership(DeviceCalls calls) {
    return registered(calls)
        ? new Membership(true, start(calls), end(calls), clique(calls))
        : Membership.NONE;
  }

  /** Whether the driver says something else now. */
  boolean differs(DeviceCalls calls, Membership from) {
    return registered(calls)
        ? !from.member()
            || from.start() != start(calls)
            || from.end() != end(calls)
            || from.clique() != clique(calls)
        : from.member();
  }

  private long start(DeviceCalls calls) {
    return calls.block().getLong(cluster());
  }

  private long end(DeviceCalls calls) {
    return calls.block().getLong(cluster() + Long.BYTES);
  }

  private int clique(DeviceCalls calls) {
    int offset = unversioned() ? NvmlLayout.FIRST_FABRIC_CLIQUE : NvmlLayout.FABRIC_CLIQUE;
    return calls.block().getInt(DeviceCalls.OUT + offset);
  }

  private int cluster() {
    return DeviceCalls.OUT
        + (unversioned() ? NvmlLayout.FIRST_FABRIC_CLUSTER : NvmlLayout.FABRIC_CLUSTER);
  }

  private boolean unversioned() {
    return version == Version.UNVERSIONED;
  }
}
