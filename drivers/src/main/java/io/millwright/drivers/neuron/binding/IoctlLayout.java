package io.millwright.drivers.neuron.binding;

import io.millwright.drivers.nvml.binding.NativeBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * Where what stands in the structures of the driver's ioctls (its header, driver 2.26.5). Offsets
 * in bytes; no structure is marshalled.
 */
public final class IoctlLayout {
  /** The greatest block that a call needs: the structure of the core map with its map behind it. */
  public static final int BLOCK = 2048;

  /** Of the basic and of the driver's info. */
  private static final int ARCHITECTURE = 0;

  private static final int REVISION = 4;
  private static final int FEATURES = 16;

  private static final int BDF_INDEX = 0;
  private static final int BDF_DOMAIN = 4;
  private static final int BDF_BUS = 8;
  private static final int BDF_SLOT = 12;
  private static final int BDF_FUNCTION = 13;

  private static final int RID_COUNT = 0;
  private static final int RID_MAP = 4;
  private static final int MOST_DEVICES = 64;

  private static final int MAP_ADDRESS = 0;
  private static final int MAP_MOST = 8;
  private static final int MAP_VERSION = 12;

  /** Where we put the map that the structure points to. */
  public static final int MAP = 16;

  private static final int MAP_ENTRIES = MAP + 4;
  private static final int MAP_ENTRY = 8;
  private static final int MOST_CORES = 128;

  private static final int POD_ID = 2;
  private static final int POD_ID_BYTES = 256;
  private static final int POD_STATE = 260;
  private static final int POD_TYPE = 264;
  private static final int POD_SIZE = 265;
  private static final int POD_NODE = 266;
  private static final int POD_MODE = 268;
  private static final int POD_MODES = 272;

  private IoctlLayout() {}

  /** A physical core of a device. */
  public record Core(int device, int core) {}

  /** {@code architecture} is 2, 3 or 4. */
  public record Basic(int architecture, int revision) {}

  /** What the driver says of itself; the features are bits. */
  public record Driver(int architecture, int revision, long features) {}

  /** A place on the PCI bus. */
  public record Bdf(int domain, int bus, int slot, int function) {
    /** As in {@code 0000:a0:1c.0}. */
    public String text() {
      return "%04x:%02x:%02x.%x".formatted(domain, bus, slot, function);
    }
  }

  /**
   * The place in an UltraServer.
   *
   * @param id printable; empty where there is none, or it is not
   * @param node below 0 where it is in none
   * @param mode 0 where only the older call is known
   * @param modes bits; 0 where only the older call is known
   */
  public record Pod(String id, int state, int type, int size, int node, int mode, int modes) {}

  public static void askBdf(NativeBlock block, int device) {
    block.putInt(BDF_INDEX, device);
  }

  public static void askMap(NativeBlock block) {
    block.putLong(MAP_ADDRESS, block.address(MAP));
    block.putInt(MAP_MOST, MOST_CORES);
    block.putInt(MAP_VERSION, 0);
    block.putInt(MAP, 0);
  }

  /** The structure's size stands in its first 16 bits. */
  public static void askPod(NativeBlock block, PassiveCall call) {
    block.putInt(0, call.bytes());
  }

  public static void askRids(NativeBlock block) {
    block.putInt(RID_COUNT, MOST_DEVICES);
  }

  public static Basic basic(NativeBlock block) {
    return new Basic(block.getInt(ARCHITECTURE), block.getInt(REVISION));
  }

  public static Driver driver(NativeBlock block) {
    return new Driver(block.getInt(ARCHITECTURE), block.getInt(REVISION), block.getLong(FEATURES));
  }

  public static Bdf bdf(NativeBlock block) {
    return new Bdf(
        block.getInt(BDF_DOMAIN),
        block.getInt(BDF_BUS),
        block.getUnsignedByte(BDF_SLOT),
        block.getUnsignedByte(BDF_FUNCTION));
  }

  /** Routing ids by the device's number; none where the count is not to be believed. */
  public static List<Integer> rids(NativeBlock block) {
    int count = block.getInt(RID_COUNT);
    List<Integer> rids = new ArrayList<>();
    for (int i = 0; i < count && count <= MOST_DEVICES; i++) {
      rids.add(block.getInt(RID_MAP + 4 * i));
    }
    return rids;
  }

  /** The physical core of each logical one, by its number; none where the count is not believed. */
  public static List<Core> map(NativeBlock block) {
    int count = block.getInt(MAP);
    List<Core> cores = new ArrayList<>();
    for (int i = 0; i < count && count <= MOST_CORES; i++) {
      int entry = MAP_ENTRIES + MAP_ENTRY * i;
      cores.add(new Core(block.getInt(entry), block.getInt(entry + 4)));
    }
    return cores;
  }

  public static Pod pod(NativeBlock block, PassiveCall call) {
    boolean second = call == PassiveCall.POD_STATUS_V2;
    return new Pod(
        id(block),
        block.getInt(POD_STATE),
        block.getUnsignedByte(POD_TYPE),
        block.getUnsignedByte(POD_SIZE),
        (byte) block.getUnsignedByte(POD_NODE),
        second ? block.getInt(POD_MODE) : 0,
        second ? block.getInt(POD_MODES) : 0);
  }

  private static String id(NativeBlock block) {
    String id = block.getString(POD_ID, POD_ID_BYTES);
    return id.matches("[!-~]*") ? id : "";
  }
}
