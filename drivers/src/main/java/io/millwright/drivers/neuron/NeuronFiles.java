package io.millwright.drivers.neuron;

import io.millwright.drivers.host.Directory;
import io.millwright.protocol.vocabulary.Cadence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The files that a device has: what it can tell is told by these alone, never by a version. The
 * lane's own.
 */
final class NeuronFiles {
  private final Path device;
  private final Set<String> names = new HashSet<>();
  private final List<SysfsFile> opened = new ArrayList<>();

  NeuronFiles(Path device) {
    this.device = device;
  }

  Path device() {
    return device;
  }

  boolean has(String name) {
    return Files.isRegularFile(device.resolve(name));
  }

  /** A file to be read at this cadence; what is read seldom is not kept open. */
  SysfsFile open(String name, Cadence cadence) {
    SysfsFile file =
        new SysfsFile(device, name, cadence == Cadence.FAST || cadence == Cadence.MEDIUM);
    names.add(name);
    opened.add(file);
    return file;
  }

  /** The names of the files that are read. */
  Set<String> opened() {
    return names;
  }

  /** Closes what is open, also where no reader has come to be that would. */
  void close() {
    opened.forEach(SysfsFile::close);
  }

  /** The names in a directory of the device, in a lasting order; none where it is not there. */
  List<String> names(String directory) {
    return Directory.entries(device.resolve(directory), "*").stream().map(Directory::name).toList();
  }

  /**
   * The file of a counter: {@code total} in a directory of its name, as the driver's source has it,
   * or a file of its name, as its guide draws it.
   */
  String counter(String name) {
    return Files.isDirectory(device.resolve(name)) ? name + "/total" : name;
  }

  /**
   * The physical cores that the driver shows, ascending: all of the device but for those that the
   * module's parameter {@code dev_nc_map} leaves out.
   */
  List<Integer> cores() {
    return Directory.entries(device, "neuron_core[0-9]*").stream()
        .map(core -> Directory.name(core).substring("neuron_core".length()))
        .filter(number -> number.matches("[0-9]{1,2}"))
        .map(Integer::valueOf)
        .sorted()
        .toList();
  }
}
