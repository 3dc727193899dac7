package io.millwright.drivers.host;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a sysfs directory lists, in an order that does not change between rounds. */
public final class Directory {
  private Directory() {}

  /** The entries that match this glob, by length of name and name; none where there is none. */
  public static List<Path> entries(Path directory, String glob) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
      stream.forEach(entries::add);
    } catch (IOException | DirectoryIteratorException missing) {
      return List.of();
    }
    entries.sort(Directory::inOrder);
    return entries;
  }

  private static int inOrder(Path left, Path right) {
    String leftName = name(left);
    String rightName = name(right);
    int byLength = Integer.compare(leftName.length(), rightName.length());
    return byLength == 0 ? leftName.compareTo(rightName) : byLength;
  }

  public static String name(Path entry) {
    Path name = entry.getFileName();
    return name == null ? "" : name.toString();
  }
}
