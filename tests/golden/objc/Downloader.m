#import "Downloader.h"
#import <Foundation/Foundation.h>

#define MAX_RETRIES 3

NSString *const DownloaderErrorDomain = @"org.example.downloader";

typedef NS_ENUM(NSInteger, DownloaderState) {
    DownloaderStateIdle,
    DownloaderStateRunning,
};

/// What is told about a download.
@protocol DownloaderDelegate <NSObject>
- (void)downloader:(id)downloader didFinish:(NSData *)data;
@optional
- (void)downloaderDidFail:(id)downloader;
@end

@interface Downloader : NSObject <NSURLSessionDelegate>

@property (nonatomic, copy) NSURL *url;
@property (nonatomic, weak) id<DownloaderDelegate> delegate;

- (instancetype)initWithURL:(NSURL *)url;
+ (Downloader *)shared;

@end

@interface Downloader ()
@property (nonatomic) NSUInteger retries;
@end

@implementation Downloader {
    NSURLSession *_session;
}

/// A downloader for one address.
- (instancetype)initWithURL:(NSURL *)url
{
    self = [super init];
    if (self) {
        _url = [url copy];
        _session = [NSURLSession sharedSession];
    }
    return self;
}

+ (Downloader *)shared
{
    static Downloader *shared;
    static dispatch_once_t once;
    dispatch_once(&once, ^{
        shared = [[Downloader alloc] initWithURL:[NSURL URLWithString:@"https://example.org"]];
    });
    return shared;
}

// Starts, and tries again a few times.
- (void)startWithCompletion:(void (^)(NSData *data, NSError *error))completion
{
    NSURLSessionDataTask *task = [_session dataTaskWithURL:self.url completionHandler:^(NSData *data, NSURLResponse *response, NSError *error) {
        if (error && self.retries < MAX_RETRIES) {
            self.retries += 1;
            [self startWithCompletion:completion];
            return;
        }
        completion(data, error);
    }];
    [task resume];
}

@end

@implementation NSURL (Downloader)

- (BOOL)isSecure
{
    return [self.scheme isEqualToString:@"https"];
}

@end

static NSUInteger DownloaderCount(NSArray *downloaders)
{
    return downloaders.count;
}
