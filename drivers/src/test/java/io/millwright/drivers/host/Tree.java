package io.millwright.drivers.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** A crafted {@code /proc} and {@code /sys} under a temporary directory. */
record Tree(Path root) {
  static final String STAT =
      """
      cpu  1000 200 300 40000 50 6 7 8 100 20
      cpu0 500 100 150 20000 25 3 3 4 50 10
      intr 5 0 0
      ctxt 7
      btime 1795266093
      """;
  static final String LOADAVG = "0.04 1.50 12.75 1/87 4338\n";
  static final String MEMINFO =
      """
      MemTotal:       24684084 kB
      MemAvailable:   24444584 kB
      SwapTotal:          2048 kB
      SwapFree:           1024 kB
      """;
  static final String VMSTAT =
      """
      nr_free_pages 900008
      oom_kill 3
      zswpin 0
      """;
  static final String PRESSURE =
      """
      some avg10=0.00 avg60=0.18 avg300=0.90 total=20965280
      full avg10=0.00 avg60=0.00 avg300=0.00 total=1500000
      """;
  static final String DISKSTATS =
      """
         7       0 loop0 1 2 3 4 5 6 7 8 9 10 11
       259       0 nvme0n1 10 0 100 1 20 0 200 2 0 1500 3 4 5 6 7 8 9
       259       1 nvme0n1p1 1 0 10 1 2 0 20 2 0 15 3 4 5 6 7 8 9
         8       0 sda 1 0 18446744073709551615 1 2 0 20 2 0 4294967295 3
         8       1 sda1 1 0 10 1 2 0 20 2 0 15 3
         1       0 ram0 0 0 0 0 0 0 0 0 0 0 0
      """;
  static final String NET_DEV =
      """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
          lo: 3193 29 0 0 0 0 0 0 3193 29 0 0 0 0 0 0
        eth0: 66387083 2105 1 2 0 0 0 0 209901 1692 3 4 0 0 0 0
      ib0:18446744073709551615 1 0 0 0 0 0 0 9007199254740993 1 0 0 0 0 0 0
      """;

  /** A host on which every file is there. */
  static Tree healthy(Path root) {
    Tree tree = new Tree(root);
    tree.write("proc/stat", STAT);
    tree.write("proc/loadavg", LOADAVG);
    tree.write("proc/meminfo", MEMINFO);
    tree.write("proc/vmstat", VMSTAT);
    tree.write("proc/pressure/cpu", PRESSURE);
    tree.write("proc/pressure/memory", PRESSURE);
    tree.write("proc/pressure/io", PRESSURE);
    tree.write("proc/diskstats", DISKSTATS);
    tree.write("proc/net/dev", NET_DEV);
    tree.write("sys/block/nvme0n1/size", "1\n");
    tree.write("sys/block/sda/size", "1\n");
    return tree;
  }

  void write(String path, String content) {
    write(path, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Rewrites the file in place, as the kernel's files change under an open descriptor. */
  void write(String path, byte[] content) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.resolveSibling("."));
      Files.write(file, content);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  void delete(String path) {
    try {
      Files.delete(root.resolve(path));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  void link(String path, Path target) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.resolveSibling("."));
      Files.createSymbolicLink(file, target);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Takes a copy of one file of the real machine. */
  void copy(Path from, String to) {
    try {
      Path file = root.resolve(to);
      Files.createDirectories(file.resolveSibling("."));
      Files.copy(from, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  static Stream<String> kernelFiles() {
    return Stream.of(
        "proc/stat",
        "proc/loadavg",
        "proc/meminfo",
        "proc/vmstat",
        "proc/pressure/cpu",
        "proc/pressure/memory",
        "proc/pressure/io",
        "proc/diskstats",
        "proc/net/dev");
  }
}
