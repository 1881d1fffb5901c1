package org.example
package jobs

import scala.collection.mutable
import scala.concurrent.duration._
import scala.util.{Failure, Success, Try}

/** What a job is known by. */
final case class JobId(value: Long) extends AnyVal

/**
 * Something to be done later.
 *
 * @param id  what it is known by
 * @param due when it is to run
 */
case class Job(id: JobId, due: Deadline, run: () => Unit) extends Ordered[Job] {
  override def compare(other: Job): Int = other.due.compare(due)

  def isDue: Boolean = due.isOverdue()
}

object Job {
  private var last = 0L

  /** A job that runs after a while. */
  def after(delay: FiniteDuration)(run: => Unit): Job = {
    last += 1
    Job(JobId(last), delay.fromNow, () => run)
  }

  implicit val ordering: Ordering[Job] = Ordering.by(_.due)
}

sealed trait Outcome
case object Done extends Outcome
case class Failed(cause: Throwable) extends Outcome

trait Scheduler {
  type Handle
  val name: String

  def submit(job: Job): Handle

  def cancel(handle: Handle): Boolean = false
}

@deprecated("use the pool", "2.1")
class QueueScheduler(override val name: String) extends Scheduler with AutoCloseable {
  type Handle = JobId

  private val queue = mutable.PriorityQueue.empty[Job]
  private var outcomes: Map[JobId, Outcome] = Map.empty
  lazy val started: Deadline = Deadline.now

  def this() = this("default")

  override def submit(job: Job): JobId = queue.synchronized {
    queue.enqueue(job)
    job.id
  }

  /** Runs what is due; what fails is remembered, and does not stop the others. */
  def runDue(): Int = {
    def record(job: Job, outcome: Outcome): Unit =
      outcomes = outcomes.updated(job.id, outcome)

    var count = 0
    while (queue.headOption.exists(_.isDue)) {
      val job = queue.dequeue()
      Try(job.run()) match {
        case Success(_)     => record(job, Done)
        case Failure(cause) => record(job, Failed(cause))
      }
      count += 1
    }
    count
  }

  override def close(): Unit = queue.clear()
}

package object syntax {
  implicit class JobOps(private val job: Job) extends AnyVal {
    def submitTo(scheduler: Scheduler): scheduler.Handle = scheduler.submit(job)
  }
}

enum Priority(val weight: Int):
  case Low extends Priority(1)
  case Normal extends Priority(5)
  case High, Urgent

  def isUrgent: Boolean = this == Urgent

given Ordering[Priority] with
  def compare(x: Priority, y: Priority): Int = x.weight - y.weight

extension (job: Job)
  def delayed(by: FiniteDuration): Job = job.copy(due = job.due + by)
