package io.millwright.drivers.host;

import java.util.Set;

/**
 * One mounted file system.
 *
 * @param mountPoint where it is mounted, as the kernel names it
 * @param device what is mounted: a block device, {@code server:/export}
 * @param type the kernel's word for the file system
 * @param readOnly whether the mount or the file system under it is read-only
 */
public record Mount(String mountPoint, String device, String type, boolean readOnly) {
  private static final Set<String> REMOTE_TYPES =
      Set.of(
          "9p",
          "afs",
          "beegfs",
          "ceph",
          "cifs",
          "coda",
          "davfs",
          "fuse",
          "glusterfs",
          "gpfs",
          "lustre",
          "ncpfs",
          "nfs",
          "nfs4",
          "ocfs2",
          "orangefs",
          "panfs",
          "pvfs2",
          "smb3",
          "smbfs",
          "virtiofs",
          "wekafs");

  /**
   * Whether another machine or another process answers for it, so that asking it may never return:
   * a network or cluster file system, or any in user space.
   */
  public boolean remote() {
    return REMOTE_TYPES.contains(type) || type.startsWith("fuse.");
  }

  /** Whether this is the same file system at the same place; it may be read-only since. */
  boolean sameAs(Mount other) {
    return mountPoint.equals(other.mountPoint)
        && device.equals(other.device)
        && type.equals(other.type);
  }
}
