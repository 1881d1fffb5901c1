# frozen_string_literal: true

require "net/smtp"

module Post
  # Delivers messages.
  #
  #   Mailer.new("localhost").deliver(message)
  class Mailer < Base
    include Retries

    RETRIES = 3
    Envelope = Struct.new(:from, :to)

    attr_reader :host

    class << self
      # The mailer that is used when none is named.
      def default
        @default ||= new("localhost")
      end
    end

    def self.open(host)
      mailer = new(host)
      yield mailer
    ensure
      mailer&.close
    end

    def initialize(host, port = 25)
      @host = host
      @port = port
      @open = false
    end

    # Delivers one message and returns whether the server took it. A server that is busy is asked again, up to RETRIES
    # times, with a pause that doubles.
    #
    # @param message [Message]
    # @return [Boolean]
    def deliver(message)
      attempts = 0
      begin
        attempts += 1
        connect do |smtp|
          smtp.send_message(message.to_s, message.from, message.to)
        end
        true
      rescue Net::SMTPServerBusy
        raise if attempts >= RETRIES

        sleep(2**attempts)
        retry
      end
    end

    def open? = @open

    private

    def connect(&block)
      Net::SMTP.start(host, @port, &block)
    end

    private def reset!
      @open = false
    end
  end

  class Errors::Busy < StandardError; end
end

def deliver_all(messages)
  messages.each { |message| Post::Mailer.default.deliver(message) }
end
