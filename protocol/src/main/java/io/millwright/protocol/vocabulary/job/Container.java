package io.millwright.protocol.vocabulary.job;

import java.util.regex.Pattern;

/**
 * The file system that a job sees in the place of its node's.
 *
 * @param root the absolute path of a directory on the node that holds one, such as what an image
 *     was unpacked to; which of these jobs may have, the node's policy says
 */
public record Container(String root) {
  private static final int LONGEST = 512;

  /** What of a path may stand in a unit's file and among a runtime's options. */
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*)+");

  public Container {
    Wording.text("container", root, LONGEST);
    Wording.matching(
        "container",
        root,
        PATH,
        "the absolute path of a root file system on the nodes, of letters, digits and . _ - + @,"
            + " without . and ..");
  }
}
