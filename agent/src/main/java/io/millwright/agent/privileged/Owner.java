package io.millwright.agent.privileged;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * For whom a process runs: a job or pod that another scheduler began, as the path of the process's
 * control group says it. Pure.
 *
 * <p>Paths are read from their root: only root makes groups there, and a user who may make groups
 * beneath his own can call these whatever he likes.
 *
 * @param scheduler {@code slurm} or {@code kubernetes}
 * @param id the job's number, or the pod's UID
 */
record Owner(String scheduler, String id) {
  private static final String NUMBER = "([1-9][0-9]{0,9})";
  private static final String UID =
      "([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})";

  /** Of a job's steps; several slurmd of one machine have their names before it. */
  private static final Pattern SLURM =
      Pattern.compile(
          "/(?:system\\.slice/)?(?:[A-Za-z0-9._-]+_)?slurmstepd\\.scope/job_"
              + NUMBER
              + "(?:/.*)?"
              + "|/slurm(?:_[A-Za-z0-9._-]+)?/uid_[0-9]+/job_"
              + NUMBER
              + "(?:/.*)?",
          Pattern.DOTALL);

  /**
   * By kubelet's two drivers, systemd and cgroupfs, beneath a root of kubelet's own or not; and a
   * container whose runtime has the other driver.
   */
  private static final Pattern KUBERNETES =
      Pattern.compile(
          "/(?:kubelet\\.slice/kubelet-)?kubepods\\.slice/(?:[a-z-]+\\.slice/)?[a-z-]*kubepods(?:-[a-z]+)?-pod"
              + UID
              + "\\.slice(?:/.*)?"
              + "|/(?:kubelet/)?kubepods/(?:[a-z]+/)?pod"
              + UID
              + "(?:/.*)?"
              + "|/system\\.slice/[a-z]+\\.service/kubepods(?:-[a-z]+)?-pod"
              + UID
              + "\\.slice:.*",
          Pattern.DOTALL);

  /**
   * Of the text of {@code /proc/<pid>/cgroup}; empty where it is of nobody's job.
   *
   * @param text {@code 0::/path}, and with version 1 a line {@code 9:memory:/path} for each
   *     hierarchy
   */
  static Optional<Owner> of(String text) {
    return Arrays.stream(text.split("\n", -1)) // a name may have any other letter
        .flatMap(line -> ofPath(path(line)).stream())
        .findFirst();
  }

  private static String path(String line) {
    int second = line.indexOf(':', line.indexOf(':') + 1);
    return second < 0 ? "" : line.substring(second + 1);
  }

  private static Optional<Owner> ofPath(String path) {
    return id(SLURM, path)
        .map(number -> new Owner("slurm", number))
        .or(() -> id(KUBERNETES, path).map(uid -> new Owner("kubernetes", uid.replace('_', '-'))));
  }

  private static Optional<String> id(Pattern form, String path) {
    Matcher matcher = form.matcher(path);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    for (int group = 1; group <= matcher.groupCount(); group++) {
      String found = matcher.group(group);
      if (found != null) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }
}
