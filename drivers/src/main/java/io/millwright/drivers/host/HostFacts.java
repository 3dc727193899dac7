package io.millwright.drivers.host;

import java.util.OptionalLong;

/**
 * What is asked of a library that knows many hosts. Words that are not known are empty, as they
 * stand in a label.
 */
interface HostFacts {

  /** Name and version, as in {@code Debian GNU/Linux 12 (bookworm)}. */
  String operatingSystem();

  String boardVendor();

  String boardModel();

  OptionalLong memorySizeBytes();
}
