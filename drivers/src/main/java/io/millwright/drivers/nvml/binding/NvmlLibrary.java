package io.millwright.drivers.nvml.binding;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code libnvidia-ml.so.1}, loaded and bound group by group.
 *
 * <p><i>Lifecycle:</i> loaded once and never unloaded: a thread may hang inside it. The bindings
 * are static, so a process speaks with one library at a time; opening another rebinds all groups.
 *
 * <p><i>Threading:</i> immutable once opened.
 */
public final class NvmlLibrary {
  /** Exported by the simulator only, so that what is simulated says so by itself. */
  private static final String SIMULATOR_MARK = "millwrightSimulatorVersion";

  private final String path;
  private final Set<Group> bound;
  private final List<String> missingSymbols;
  private final boolean simulated;

  private NvmlLibrary(
      String path, Set<Group> bound, List<String> missingSymbols, boolean simulated) {
    this.path = path;
    this.bound = bound;
    this.missingSymbols = List.copyOf(missingSymbols);
    this.simulated = simulated;
  }

  /** What came of opening. */
  public sealed interface Result {
    /** Loaded, with at least the life cycle and identity. */
    record Opened(NvmlLibrary library) implements Result {}

    /** There is no such library here. */
    record Missing(String sentence) implements Result {}

    /** There is a file, but it cannot serve. */
    record Unusable(String sentence) implements Result {}
  }

  /**
   * Loads and binds.
   *
   * @param path a path, or a soname for the dynamic linker to find
   */
  public static Result open(String path) {
    NativeLibrary library;
    try {
      library = NativeLibrary.getInstance(path);
    } catch (UnsatisfiedLinkError e) {
      return refused(path, e);
    }
    return bind(path, library);
  }

  private static Result refused(String path, UnsatisfiedLinkError error) {
    String reason = linkerReason(error);
    if (reason.startsWith(path + ":") && reason.contains("No such file")) {
      return new Result.Missing(
          path
              + " was not found: install the NVIDIA driver's libnvidia-ml,"
              + " or set nvidia.library to where it is, or nvidia.enabled to false on a node"
              + " without NVIDIA devices");
    }
    return new Result.Unusable(
        path
            + " is no library this machine can load ("
            + reason
            + "): set nvidia.library to the driver's libnvidia-ml.so.1");
  }

  /** JNA's text is its own first line, then the dynamic linker's, once for each try. */
  private static String linkerReason(UnsatisfiedLinkError error) {
    return Optional.ofNullable(error.getMessage())
        .orElse("")
        .lines()
        .skip(1)
        .findFirst()
        .orElse("");
  }

  private static Result bind(String path, NativeLibrary library) {
    Set<Group> present = EnumSet.noneOf(Group.class);
    List<String> missing = new ArrayList<>();
    for (Group group : Group.values()) {
      List<String> absent = absentSymbols(library, group);
      missing.addAll(absent);
      if (absent.isEmpty()) {
        present.add(group);
      }
    }
    if (!present.contains(Group.LIFECYCLE) || !present.contains(Group.IDENTITY)) {
      return new Result.Unusable(notNvml(path, missing));
    }
    present.forEach(group -> Native.register(group.calls(), library));
    return new Result.Opened(
        new NvmlLibrary(path, present, missing, symbol(library, SIMULATOR_MARK).isPresent()));
  }

  private static String notNvml(String path, List<String> missing) {
    return path
        + (missing.contains("nvmlInit_v2") ? " is not NVML" : " is older than driver 450")
        + " (it lacks "
        + String.join(", ", missing.subList(0, Math.min(3, missing.size())))
        + "): set nvidia.library to the driver's libnvidia-ml.so.1";
  }

  private static List<String> absentSymbols(NativeLibrary library, Group group) {
    return Stream.of(group.calls().getDeclaredMethods())
        .filter(method -> Modifier.isNative(method.getModifiers()))
        .map(Method::getName)
        .filter(name -> symbol(library, name).isEmpty())
        .sorted()
        .toList();
  }

  private static Optional<Function> symbol(NativeLibrary library, String name) {
    try {
      return Optional.of(library.getFunction(name));
    } catch (UnsatisfiedLinkError absent) {
      return Optional.empty();
    }
  }

  /** As it was asked for. */
  public String path() {
    return path;
  }

  public boolean has(Group group) {
    return bound.contains(group);
  }

  /** The C functions this library lacks, in order of groups. */
  public List<String> missingSymbols() {
    return missingSymbols;
  }

  /** Whether this is the simulator's library. */
  public boolean simulated() {
    return simulated;
  }
}
