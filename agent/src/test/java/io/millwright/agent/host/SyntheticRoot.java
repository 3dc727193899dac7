package io.millwright.agent.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A root directory with what a test says is there; all of it is invented. */
record SyntheticRoot(Path root) {

  SyntheticRoot file(String path, String content) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, content);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SyntheticRoot link(String path, String target) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.resolveSibling("."));
      Files.createSymbolicLink(file, Path.of(target));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SyntheticRoot pci(String address, String type, String vendor, String device) {
    String at = "sys/bus/pci/devices/" + address + "/";
    return file(at + "class", type + "\n")
        .file(at + "vendor", vendor + "\n")
        .file(at + "device", device + "\n");
  }

  SyntheticRoot gpu(String device) {
    return pci("0000:1b:00.0", "0x030200", "0x10de", device);
  }

  /** Loaded, as far as a condition asks. */
  SyntheticRoot driver(String module) {
    return file("sys/module/" + module + "/refcnt", "0\n");
  }

  SyntheticRoot enabled(String unit) {
    return link(
        "etc/systemd/system/multi-user.target.wants/" + unit, "/usr/lib/systemd/system/" + unit);
  }

  SyntheticRoot installed(String unit) {
    return file("usr/lib/systemd/system/" + unit, "[Service]\n");
  }

  SyntheticRoot modules(String lines) {
    return file("proc/modules", lines);
  }
}
