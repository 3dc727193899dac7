package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import oshi.hardware.Baseboard;
import oshi.nativefree.SystemInfo;
import oshi.software.os.OperatingSystem;
import oshi.util.Constants;

/**
 * The facts as OSHI tells them, without native calls. Its first use takes about 0.1 s and starts
 * {@code uname -o}, {@code getconf CLK_TCK} and {@code getconf PAGE_SIZE} once in the life of the
 * process; therefore it belongs to the slow lane and is first used there.
 *
 * <p>Not asked of OSHI 7.5.0: the serial number and the CPU temperature (it would start dmidecode,
 * lshw, lshal, vcgencmd); interfaces (it leaves out those that are down); the boot time (computed
 * once, and wrong for ever where the clock was wrong then); file stores (all in one call, which one
 * hanging mount would hold).
 */
final class OshiFacts implements HostFacts {
  private static final String CALL = "oshi";

  private final CallWatch watch;
  private @Nullable SystemInfo system;

  OshiFacts(CallWatch watch) {
    this.watch = watch;
  }

  @Override
  public String operatingSystem() {
    return asked(() -> named(system().getOperatingSystem()), "");
  }

  private static String named(OperatingSystem os) {
    OperatingSystem.OSVersionInfo version = os.getVersionInfo();
    String codeName = known(version.getCodeName());
    String numbered = (known(os.getFamily()) + " " + known(version.getVersion())).strip();
    return codeName.isEmpty() ? numbered : numbered + " (" + codeName + ")";
  }

  @Override
  public String boardVendor() {
    return asked(() -> known(board().getManufacturer()), "");
  }

  @Override
  public String boardModel() {
    return asked(() -> known(board().getModel()), "");
  }

  private Baseboard board() {
    return system().getHardware().getComputerSystem().getBaseboard();
  }

  @Override
  public OptionalLong memorySizeBytes() {
    long bytes = asked(() -> system().getHardware().getMemory().getTotal(), 0L);
    return bytes > 0 ? OptionalLong.of(bytes) : OptionalLong.empty();
  }

  private SystemInfo system() {
    SystemInfo known = system;
    if (known == null) {
      known = new SystemInfo();
      system = known;
    }
    return known;
  }

  /** A library that promises no exceptions is asked; what it throws all the same is an absence. */
  private <T> T asked(Supplier<T> question, T unknown) {
    watch.entered(CALL);
    int code = -1;
    try {
      T answer = question.get();
      code = 0;
      return answer;
    } catch (RuntimeException | LinkageError failure) {
      return unknown;
    } finally {
      watch.returned(CALL, code);
    }
  }

  private static String known(@Nullable String word) {
    return word == null || word.equals(Constants.UNKNOWN) ? "" : word.strip();
  }
}
